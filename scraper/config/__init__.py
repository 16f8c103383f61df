"""Text that operators write, pure: TOML with line numbers, values, cron expressions, patterns."""
