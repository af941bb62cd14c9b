"""rapfiles beside the blocking standard library and aiofiles: the same random work, compared."""
