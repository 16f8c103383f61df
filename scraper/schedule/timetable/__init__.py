"""When which store is crawled: the file of stores read and edited, and what is due. Values in,
values out: the time is an argument."""
