"""What everything stands on: places on disk, errors, whole files, keys of what is kept, fetching, the device."""
