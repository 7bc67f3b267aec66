"""Lists of requests: queues, filters, saved views and bulk actions."""
