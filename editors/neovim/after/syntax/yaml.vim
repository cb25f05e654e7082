" SQL inside the YAML of Seeknal projects, where no tree-sitter does it.
if expand('%:p') !~# '[/\\]\(seeknal\|transforms\|pipelines\)[/\\]'
  finish
endif
let s:main = get(b:, 'current_syntax', '')
unlet! b:current_syntax
syntax include @seeknalSQL syntax/sql.vim
syntax region seeknalSQL keepend contains=@seeknalSQL
  \ start=/^\z(\s*\)\%(-\s\+\)\?\%(transform\|sql\):\s*[|>][0-9+-]*\s*$/
  \ end=/^\%(\z1\s\|\s*$\)\@!/me=s-1
" What was included begins anew at each comment of C.
syntax sync clear
syntax sync fromstart
let b:current_syntax = s:main
