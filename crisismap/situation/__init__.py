"""The live, merged read model: columns in memory that every map, list, count, tile and export is read from."""
