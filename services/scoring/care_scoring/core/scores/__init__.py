"""Published scores and our own outreach priority, each with the points, the gaps and the version it rests on."""
