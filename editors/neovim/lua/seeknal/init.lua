-- What `:Seeknal` does. Everything is a command of the server; here its answers are shown.
local M = {}

local NAME = 'seeknal'

--- Commands whose answer is a text to read, with the title of its float.
local SHOWN = {
  plan = 'Plan',
  showPlan = 'What the edits do',
  preview = 'Rows',
  lineage = 'Lineage',
  environments = 'Environments',
  history = 'History',
}

--- What each word of `:Seeknal` takes, in order.
local TAKES = {
  plan = { 'environment' },
  apply = { 'environment' },
  promote = { 'environment', 'to' },
  rollback = { 'environment', 'to' },
  test = { 'environment' },
  run = {},
  preview = { 'node' },
  lineage = { 'point' },
  environments = {},
  history = {},
  showPlan = { 'against' },
  setBaseline = { 'against' },
  refreshSources = {},
  check = {},
  cancel = {},
  serverStatus = {},
}

local function complain(text)
  vim.notify('Seeknal: ' .. text, vim.log.levels.ERROR)
end

--- The server of a buffer, or any that runs.
local function client_of(buffer)
  return vim.lsp.get_clients({ bufnr = buffer, name = NAME })[1] or vim.lsp.get_clients({ name = NAME })[1]
end

--- Shows lines in a float that `q` closes.
function M.float(title, lines, filetype)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = filetype or ''
  local widest = 20
  for _, line in ipairs(lines) do
    widest = math.max(widest, vim.fn.strdisplaywidth(line))
  end
  local width = math.min(widest + 2, math.max(20, vim.o.columns - 6))
  local height = math.min(#lines, math.max(3, vim.o.lines - 6))
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = 'editor',
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2),
    width = width,
    height = height,
    border = 'rounded',
    style = 'minimal',
    title = ' ' .. title .. ' ',
  })
  vim.wo[window].wrap = false
  vim.wo[window].conceallevel = 2
  for _, key in ipairs({ 'q', '<Esc>' }) do
    vim.keymap.set('n', key, '<cmd>close<cr>', { buffer = buffer, nowait = true })
  end
  return window
end

--- Rows as a grid, as wide as what stands in it.
function M.grid(found)
  local function words(value)
    if value == nil or value == vim.NIL then
      return 'NULL'
    end
    local text = type(value) == 'table' and vim.json.encode(value) or tostring(value)
    return (text:gsub('[\r\n]', ' '))
  end
  local cells, widths = { {}, {} }, {}
  for place, column in ipairs(found.columns) do
    cells[1][place], cells[2][place] = column.name, column.type
  end
  for _, row in ipairs(found.rows) do
    local line = {}
    for place, column in ipairs(found.columns) do
      line[place] = words(row[column.name])
    end
    table.insert(cells, line)
  end
  for _, line in ipairs(cells) do
    for place, cell in ipairs(line) do
      widths[place] = math.max(widths[place] or 0, vim.fn.strdisplaywidth(cell))
    end
  end
  local lines = {}
  for _, line in ipairs(cells) do
    local padded = {}
    for place, cell in ipairs(line) do
      local gap = (' '):rep(widths[place] - vim.fn.strdisplaywidth(cell))
      local kind = found.columns[place].type
      local is_number = kind:find('INT') or kind:find('DECIMAL') or kind == 'DOUBLE' or kind == 'FLOAT'
      table.insert(padded, is_number and gap .. cell or cell .. gap)
    end
    table.insert(lines, (table.concat(padded, '  '):gsub('%s+$', '')))
  end
  local rule = {}
  for place in ipairs(found.columns) do
    table.insert(rule, ('─'):rep(widths[place]))
  end
  table.insert(lines, 3, table.concat(rule, '  '))
  table.insert(lines, '')
  table.insert(lines, found.cut and ('The first %d rows'):format(#found.rows) or ('%d rows in all'):format(#found.rows))
  if #found.made > 0 then
    table.insert(lines, 'Made for it, as written now: ' .. table.concat(found.made, ', '))
  end
  return lines
end

--- Shows what a command answered, if it is something to read.
local function show(word, result)
  if type(result) ~= 'table' then
    return
  end
  if result.stopped and result.stopped ~= vim.NIL then
    vim.notify('Seeknal: ' .. result.stopped, vim.log.levels.WARN)
  elseif word == 'preview' then
    M.float(('%s: %s'):format(SHOWN.preview, result.node), M.grid(result))
  elseif word == 'serverStatus' then
    M.float('Server', vim.split(vim.inspect(result), '\n'), 'lua')
  elseif word == 'check' then
    vim.notify(('Seeknal: %d problems in %d files'):format(#result.problems, result.files))
  elseif SHOWN[word] and result.text then
    local filetype = (word == 'plan' or word == 'showPlan') and 'markdown' or ''
    M.float(SHOWN[word], vim.split(vim.trim(result.text), '\n'), filetype)
  end
end

--- Asks the server for a command and shows what it answers; `done` gets both.
function M.ask(word, argument, buffer, done)
  local client = client_of(buffer or 0)
  if not client then
    return complain('no server runs here; open a file of a project first')
  end
  local params = { command = 'seeknal.' .. word, arguments = { next(argument) and argument or vim.empty_dict() } }
  client:request('workspace/executeCommand', params, function(err, result)
    if err then
      complain(err.message)
    else
      show(word, result)
    end
    if done then
      done(err, result)
    end
  end, buffer or 0)
end

--- The commands of what stands above nodes: shown here, and not opened as files.
function M.clicks()
  local all = {}
  for word in pairs(SHOWN) do
    all['seeknal.' .. word] = function(command, context)
      local argument = vim.deepcopy((command.arguments or {})[1] or {})
      argument.show = nil
      M.ask(word, argument, context.bufnr)
    end
  end
  return all
end

--- The node around the cursor, by what can be clicked there.
local function at_cursor(buffer, kind, range, found)
  local client = client_of(buffer)
  if not client then
    return complain('no server runs here; open a file of a project first')
  end
  local params = range or vim.lsp.util.make_range_params(0, client.offset_encoding)
  params.context = { diagnostics = {} }
  client:request('textDocument/codeAction', params, function(_, actions)
    local last
    for _, action in ipairs(actions or {}) do
      local command = action.command or {}
      if vim.startswith(action.title, kind) and vim.startswith(command.command or '', 'seeknal.') then
        -- What is selected stands first; what is about the node stands last.
        last = (range and last) or command
      end
    end
    if not last then
      return complain('put the cursor into a node that has it')
    end
    local argument = vim.deepcopy(last.arguments[1])
    argument.show = nil
    found(argument)
  end, buffer)
end

--- `:Seeknal WORD …`
function M.command(call)
  local word = call.fargs[1] or 'showPlan'
  local takes = TAKES[word]
  if not takes then
    return complain(('there is no `%s`; there are %s'):format(word, table.concat(M.words(), ', ')))
  end
  local argument, buffer = {}, vim.api.nvim_get_current_buf()
  for place, name in ipairs(takes) do
    argument[name] = call.fargs[place + 1]
  end
  if call.fargs[#takes + 2] then
    return complain(('`%s` takes %s'):format(word, #takes == 0 and 'nothing' or table.concat(takes, ' and ')))
  end
  if word ~= 'check' and word ~= 'cancel' and word ~= 'serverStatus' then
    local path = vim.api.nvim_buf_get_name(buffer)
    argument.uri = path ~= '' and vim.uri_from_fname(path) or nil
  end
  local function ask(wanted)
    M.ask(word, wanted, buffer)
  end
  if word == 'preview' and call.range > 0 then
    local client = client_of(buffer)
    local encoding = client and client.offset_encoding or 'utf-16'
    local last = vim.fn.getline(call.line2)
    local range = {
      textDocument = { uri = vim.uri_from_bufnr(buffer) },
      range = {
        start = { line = call.line1 - 1, character = 0 },
        ['end'] = { line = call.line2 - 1, character = vim.str_utfindex(last, encoding) },
      },
    }
    return at_cursor(buffer, 'Preview selection', range, ask)
  end
  if (word == 'preview' and not argument.node) or (word == 'lineage' and not argument.point) then
    return at_cursor(buffer, word == 'preview' and 'Preview ' or 'Lineage ', nil, ask)
  end
  ask(argument)
end

function M.words()
  local all = vim.tbl_keys(TAKES)
  table.sort(all)
  return all
end

--- Completes the word, and after it names of environments.
function M.complete(typed, line)
  local words = vim.split(line, '%s+')
  local all = {}
  if #words <= 2 then
    all = M.words()
  elseif vim.tbl_contains(TAKES[words[2]] or {}, 'environment') or words[2] == 'setBaseline' then
    local client = client_of(0)
    local params = { command = 'seeknal.environments', arguments = { { uri = vim.uri_from_bufnr(0) } } }
    local answer = client and client:request_sync('workspace/executeCommand', params, 2000, 0)
    for _, one in ipairs(((answer or {}).result or {}).environments or {}) do
      table.insert(all, one.name)
    end
  end
  return vim.tbl_filter(function(one)
    return vim.startswith(one, typed)
  end, all)
end

--- Draws what stands above nodes, and keeps it up to date.
function M.attached(client, buffer)
  if not client:supports_method('textDocument/codeLens') then
    return
  end
  if vim.lsp.codelens.enable then
    return vim.lsp.codelens.enable(true, { bufnr = buffer })
  end
  vim.lsp.codelens.refresh({ bufnr = buffer })
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'TextChanged' }, {
    buffer = buffer,
    group = vim.api.nvim_create_augroup('seeknal_lens_' .. buffer, {}),
    callback = function()
      vim.lsp.codelens.refresh({ bufnr = buffer })
    end,
  })
end

return M
