-- `:checkhealth seeknal`
local M = {}

function M.check()
  local health = vim.health
  health.start('seeknal')
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim is too old', 'Neovim 0.11 is the first that it works with')
  end
  local command = ((vim.lsp.config or {}).seeknal or {}).cmd or { 'seeknal-lsp', 'lsp' }
  local program = vim.fn.exepath(command[1])
  if program == '' then
    return health.error(command[1] .. ' is not on the PATH', 'put it there, or set `cmd` by vim.lsp.config')
  end
  local said = vim.trim(vim.fn.system({ program, '--version' }))
  if vim.v.shell_error == 0 and not said:find('does not start') then
    health.ok(program .. ': ' .. said)
  else
    health.error(program .. ' does not work: ' .. said)
  end
  local clients = vim.lsp.get_clients({ name = 'seeknal' })
  if #clients == 0 then
    health.warn('no server runs', 'vim.lsp.enable("seeknal"), and a file below a folder with seeknal_project.yml')
  end
  for _, client in ipairs(clients) do
    health.ok(('a server runs for %s, encoding %s'):format(client.root_dir or '?', client.offset_encoding))
  end
end

return M
