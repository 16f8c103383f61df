"""Texts and history of many stores as Parquet files. The only package that knows pyarrow."""
