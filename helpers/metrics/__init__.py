"""Numbers about models, as pure functions of numpy arrays: nothing here trains, draws or reads files.

Import the module that has what you need: `classification`, `intervals`, `calibration`, `temperature`,
`comparison`, `distances`, `embedding`, `neighbours`, `tables`, `overfitting`, `image_facts`; for pixels
`segmentation`, `pixel_precision` and `confusion_gains`; for whole sets `frechet`. What a single section measures
lies in its folder.
"""
