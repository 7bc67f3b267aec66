"""What every use case works with while a deployment is open."""
