-- From a first letter to production and back, in a real Neovim with what we ship for it, without a screen:
--   nvim --headless --clean -l neovim.lua SERVER CONFIG_FOLDER FILE [ANOTHER YAML SERVER]
local server, config, file, other = unpack(_G.arg)
local failed = false

local function say(text)
  io.stdout:write(text .. '\n')
  io.stdout:flush()
end

local function check(holds, what)
  say((holds and 'ok   ' or 'FAIL ') .. what)
  failed = failed or not holds
  return holds
end

local function within(condition, patience)
  return vim.wait(patience or 60000, condition, 20)
end

-- What the user is asked, and says.
local answers, questions = {}, {}
vim.ui.select = function(items, options, on_choice)
  table.insert(questions, options.prompt)
  local wanted = table.remove(answers, 1)
  local at = nil
  for place, item in ipairs(items) do
    if item.title == wanted then at = place end
  end
  on_choice(at and items[at] or nil, at)
end

vim.opt.runtimepath:prepend(config)
vim.opt.runtimepath:append(config .. '/after')
vim.env.PATH = vim.fs.dirname(server) .. ':' .. vim.env.PATH
vim.cmd('runtime plugin/seeknal.lua')
vim.cmd('filetype on | syntax on')
vim.cmd('edit ' .. vim.fn.fnameescape(file))
vim.lsp.enable('seeknal')
local buffer = vim.api.nvim_get_current_buf()
local window = vim.api.nvim_get_current_win()
vim.api.nvim_exec_autocmds('FileType', { buffer = buffer })

local function client()
  return vim.lsp.get_clients({ bufnr = buffer, name = 'seeknal' })[1]
end

check(within(function() return client() and client().initialized end), 'the server is attached')
check(client() and client().offset_encoding == 'utf-16', 'positions are counted as other servers do')

-- Another server for YAML on the same text, as most people have it.
if other then
  vim.lsp.config('yamlls', { cmd = { other, '--stdio' }, filetypes = { 'yaml' }, root_markers = { 'seeknal_project.yml' } })
  vim.lsp.enable('yamlls')
  vim.api.nvim_exec_autocmds('FileType', { buffer = buffer })
  local function another()
    return vim.lsp.get_clients({ bufnr = buffer, name = 'yamlls' })[1]
  end
  check(within(function() return another() and another().initialized end), 'another server is there as well')
  check(another() and another().offset_encoding == client().offset_encoding, 'and counts as ours does')
end

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

local select = vim.fn.search('^  SELECT', 'n')
local group = vim.fn.synIDattr(vim.fn.synID(select, 3, 1), 'name')
check(group:find('^sql') ~= nil, 'SQL is coloured as SQL: ' .. group)

-- What the server answers to a word of `:Seeknal`; the float that it opens is closed.
local seeknal = require('seeknal')
local ask = seeknal.ask
local answer
seeknal.ask = function(word, argument, of, done)
  answer = nil
  ask(word, argument, of, function(err, result)
    answer = { err = err, result = result }
    if done then done(err, result) end
  end)
end
local function run(command)
  answer = nil
  vim.api.nvim_set_current_win(window)
  vim.cmd(command)
  within(function() return answer ~= nil end, 120000)
  local float = vim.api.nvim_get_current_win()
  local lines = float ~= window and vim.api.nvim_buf_get_lines(0, 0, -1, false) or {}
  if float ~= window then vim.api.nvim_win_close(float, true) end
  return answer or {}, table.concat(lines, '\n')
end

-- A column more, with nothing saved.
local revenue = vim.fn.search('AS revenue', 'n')
local old = vim.fn.getline(revenue)
vim.fn.setline(revenue, old .. ', max(amount) AS largest')
local function lenses()
  local params = { textDocument = { uri = vim.uri_from_bufnr(buffer) } }
  local found = client():request_sync('textDocument/codeLens', params, 30000, buffer)
  return vim.iter((found or {}).result or {}):map(function(one) return one.command.title end):totable()
end
local function has_lens(words)
  return within(function()
    return vim.iter(lenses()):any(function(one) return vim.startswith(one, words) end)
  end)
end
check(has_lens('NON_BREAKING'), 'a column more is NON_BREAKING: ' .. table.concat(lenses(), ' | '))

local _, plan = run('Seeknal plan dev')
check(plan:find('adds `largest`', 1, true) ~= nil, 'a float shows the plan:\n' .. plan)
local refused = run('Seeknal apply dev')
check(refused.err and refused.err.message:find('^save ') ~= nil, 'what is not saved is not applied')
vim.cmd('silent write')
answers = { 'Trust This Project' }
local applied = run('Seeknal apply dev')
check(applied.result and #applied.result.failed == 0, 'it is applied')
check(#questions == 1 and questions[1]:find('trust') ~= nil, 'after one question: ' .. tostring(questions[1]))
local _, grid = run('Seeknal preview')
check(grid:find('largest', 1, true) ~= nil and grid:find('rows in all', 1, true) ~= nil, 'a float shows rows:\n' .. grid)
local _, tree = run('Seeknal lineage')
check(tree:find('source.raw_orders', 1, true) ~= nil, 'a float shows the lineage:\n' .. tree)
check(vim.tbl_contains(vim.fn.getcompletion('Seeknal pro', 'cmdline'), 'promote'), 'words are completed')
check(vim.tbl_contains(vim.fn.getcompletion('Seeknal apply d', 'cmdline'), 'dev'), 'so are environments')

local no = run('Seeknal promote dev')
check(no.err and no.err.message:find('nobody confirmed') ~= nil, 'nobody says yes, nothing is promoted')
answers = { 'Promote' }
local promoted = run('Seeknal promote dev')
check(promoted.result and promoted.result.event == 'promoted', 'and then it is')

-- What others read is taken away; undo, and it is quiet.
vim.fn.setline(revenue, old .. '_eur')
check(has_lens('BREAKING'), 'another name for a column that is read is BREAKING')
vim.cmd('silent undo')
check(
  within(function() return #vim.diagnostic.get(buffer) == 0 end) and not vim.bo[buffer].modified,
  'undo, and it is quiet'
)

-- Minutes of work are cancelled.
local slow = vim.fs.joinpath(vim.fs.dirname(vim.api.nvim_buf_get_name(buffer)), 'slow.yml')
local sql = 'kind: transform\nname: slow\ntransform: |\n  SELECT sum(a.range * b.range) AS s FROM range(3000000) a, range(1000000) b\n'
local out = assert(io.open(slow, 'w'))
out:write(sql)
out:close()
run('Seeknal plan dev')
local told = {}
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event) table.insert(told, tostring((event.data.params.value or {}).message)) end,
})
answer = nil
vim.cmd('Seeknal apply dev')
within(function()
  return vim.iter(told):any(function(one) return one:find('slow', 1, true) ~= nil end)
end)
client():request_sync('workspace/executeCommand', { command = 'seeknal.cancel', arguments = {} }, 30000, buffer)
within(function() return answer ~= nil end)
check(answer and answer.result and type(answer.result.stopped) == 'string', 'a long job is cancelled')
os.remove(slow)
run('Seeknal plan dev')
local again = run('Seeknal apply dev')
check(again.result and type(again.result.stopped) ~= 'string', 'and the next one goes on')

answers = { 'Roll Back' }
local back = run('Seeknal rollback')
check(back.result and back.result.event == 'rolled_back', 'and back')
local _, history = run('Seeknal history')
check(history:find('rollback prod', 1, true) ~= nil, 'what was done:\n' .. history)

-- What is clicked above a node opens a float as well.
vim.api.nvim_win_set_cursor(window, { 2, 0 })
local found = client():request_sync('textDocument/codeLens', { textDocument = { uri = vim.uri_from_bufnr(buffer) } }, 30000, buffer)
local click = vim.iter(found.result):find(function(one) return one.command.title == 'Lineage' end)
answer = nil
client():exec_cmd(click.command, { bufnr = buffer })
check(within(function() return answer ~= nil end) and vim.api.nvim_get_current_win() ~= window, 'a click opens a float')
vim.api.nvim_win_close(0, true)

-- A server that is killed does not take the editor with it, and another one goes on.
local old_id = client().id

vim.cmd('checkhealth seeknal')

local health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
check(health:find('DuckDB', 1, true) ~= nil and health:find('a server runs', 1, true) ~= nil, 'the health is good')
vim.cmd('bwipeout!')
client():stop(true)
within(function() return vim.lsp.get_client_by_id(old_id) == nil end)
vim.api.nvim_exec_autocmds('FileType', { buffer = buffer })
check(within(function() return client() and client().initialized and client().id ~= old_id end), 'another server comes up')
check(has_lens('Plan dev'), 'and knows what the first one knew')

local id = client().id
client():stop()
check(within(function() return vim.lsp.get_client_by_id(id) == nil end), 'the server has ended')
vim.cmd(failed and 'cquit 1' or 'qall!')
