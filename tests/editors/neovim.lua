-- A real Neovim with the configuration that we ship, without a screen:
--   nvim --headless --clean -l neovim.lua SERVER CONFIG_FOLDER FILE
-- It breaks a line without saving, waits for the complaint, mends it, and waits until it is gone.
local server, config, file = unpack(_G.arg)
local failed = false

local function say(text)
  io.stdout:write(text .. '\n')
  io.stdout:flush()
end

local function check(holds, what)
  say((holds and 'ok   ' or 'FAIL ') .. what)
  failed = failed or not holds
end

local function within(condition)
  return vim.wait(30000, condition, 20)
end

vim.opt.runtimepath:append(config)
vim.env.PATH = vim.fs.dirname(server) .. ':' .. vim.env.PATH
vim.cmd('filetype on')
vim.cmd('edit ' .. vim.fn.fnameescape(file))
vim.lsp.enable('seeknal')
local buffer = vim.api.nvim_get_current_buf()
vim.api.nvim_exec_autocmds('FileType', { buffer = buffer })

local function client()
  return vim.lsp.get_clients({ bufnr = buffer, name = 'seeknal' })[1]
end

check(within(function() return client() and client().initialized end), 'the server is attached')
check(client() and client().offset_encoding == 'utf-16', 'positions are counted as other servers do')

local line = vim.fn.search('ref: ', 'n')
local text = vim.fn.getline(line)
vim.fn.setline(line, text .. '_gone')
check(
  within(function() return #vim.diagnostic.get(buffer) > 0 end),
  'an edit that is not saved is complained about'
)
local first = vim.diagnostic.get(buffer)[1] or {}
check(first.code == 'unknown-ref' and first.lnum == line - 1, tostring(first.message))
check(vim.bo[buffer].modified, 'nothing was written')

vim.fn.setline(line, text)
check(
  within(function() return #vim.diagnostic.get(buffer) == 0 end),
  'the complaint goes when the line is mended'
)

local place = { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = line - 1, character = #text - 1 } }
local hover = client():request_sync('textDocument/hover', place, 30000, buffer)
local shown = hover and hover.result and hover.result.contents.value or ''
check(shown:find('^%*%*') ~= nil, 'a hover shows the node: ' .. vim.split(shown, '\n')[1])

local status
client():exec_cmd({ title = '', command = 'seeknal.serverStatus', arguments = {} }, { bufnr = buffer }, function(_, result)
  status = result
end)
check(within(function() return status ~= nil end) and #status.projects == 1, 'a command is answered')

local id = client().id
client():stop()
check(within(function() return vim.lsp.get_client_by_id(id) == nil end), 'the server has ended')
vim.cmd(failed and 'cquit 1' or 'qall!')
