"""What sessions did before: values in, values out. Who keeps them is `service/`."""
