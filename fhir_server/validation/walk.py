def walk(content,definitions,resource_type):
    return []
