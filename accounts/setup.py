def setup_link(base):
    return None
