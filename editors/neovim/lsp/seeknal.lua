-- The server for Neovim 0.11 and later: put this folder on the runtime path, then
--   vim.lsp.enable('seeknal')
local seeknal = require('seeknal')

return {
  cmd = { 'seeknal-lsp', 'lsp' },
  filetypes = { 'yaml', 'python' },
  root_markers = { 'seeknal_project.yml' },
  workspace_required = true,
  -- Other servers on a YAML file know this encoding only, and Neovim wants one for all of them.
  capabilities = { general = { positionEncodings = { 'utf-16' } } },
  -- The environment that `Plan dev` and `Apply dev` mean. With `trusted = true` SQL runs without a question.
  init_options = { environment = 'dev' },
  -- What is clicked above a node is shown in a float.
  commands = seeknal.clicks(),
  on_attach = seeknal.attached,
}
