"""What skills need of the world, named for the need. Adapters in `integrations/` satisfy these by shape."""
