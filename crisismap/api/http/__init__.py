"""HTTP plumbing: identity, queries, bodies, caching, problems and the OpenAPI document."""
