; extends

; SQL of Seeknal's nodes.
(block_mapping_pair
  key: (flow_node (plain_scalar (string_scalar) @_key))
  value: (block_node (block_scalar) @injection.content)
  (#any-of? @_key "transform" "sql")
  (#offset! @injection.content 0 1 0 0)
  (#set! injection.language "sql"))
