"""Where asyncio lives: the queue, the one writer, and the tasks that carry commands out."""
