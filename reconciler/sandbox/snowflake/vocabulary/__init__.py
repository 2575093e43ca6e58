"""What all parts speak of: names, kinds of objects, their properties, results, refusals."""
