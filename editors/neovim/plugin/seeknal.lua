-- `:Seeknal`, and how far a job is.
if vim.g.loaded_seeknal then
  return
end
vim.g.loaded_seeknal = true

vim.api.nvim_create_user_command('Seeknal', function(call)
  require('seeknal').command(call)
end, {
  nargs = '*',
  range = true,
  desc = 'Plan, apply, promote, preview … in a Seeknal project',
  complete = function(typed, line)
    return require('seeknal').complete(typed, line)
  end,
})

vim.api.nvim_create_autocmd('LspProgress', {
  group = vim.api.nvim_create_augroup('seeknal_progress', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    local value = event.data.params.value
    if not client or client.name ~= 'seeknal' or type(value) ~= 'table' then
      return
    end
    vim.api.nvim_echo({ { 'Seeknal: ' .. (value.message or value.title or '') } }, false, {})
  end,
})
