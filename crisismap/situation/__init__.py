"""The live, merged read model: columns in memory from which every map, list, count, tile and export is read."""
