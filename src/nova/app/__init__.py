"""The composition root: settings in, a running Nova out. The only place that knows every part."""
