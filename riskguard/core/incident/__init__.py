"""One trouble being handled, from the first confirmation until the hedge is off again."""
