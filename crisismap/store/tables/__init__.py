"""The SQL of each noun: functions that take a connection and run inside a transaction."""
