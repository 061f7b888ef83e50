"""Numbers about models, as pure functions of numpy arrays: nothing here trains, draws or reads files.

Import the module that has what you need: `classification`, `intervals`, `calibration`, `comparison`,
`thresholds`, `distances`, `embedding`, `tables`, `overfitting`, `detection`, `image_facts`; for pixels
`segmentation` and `pixel_precision`; for whole sets `frechet`.
"""
