// What became of a deployment, as the step's outputs and as a page of the job's summary.

/** @returns {Record<string, string>} */
export function outputsOf(document) {
  const urls = urlsOf(document?.outputs)
  return {
    id: text(document?.id),
    status: text(document?.status ?? document?.error?.code),
    engine: text(document?.engine),
    url: Object.values(urls)[0] ?? '',
    urls: JSON.stringify(urls),
  }
}

/** The summary in Markdown. What a platform says is shown as text, never as markup. */
export function summaryOf(document, code) {
  if (document === undefined || document.id === undefined) {
    const error = document?.error
    const message = error?.message ?? `the command ended with ${code} and said nothing`
    return `### Deployment: not accepted\n\n${plain(message)}\n${problems(error?.problems)}${hint(error?.hint)}`
  }
  const mark = { succeeded: '✅', refused: '⛔', failed: '❌' }[document.status] ?? '•'
  const rows = [
    ['Workspace', document.workspace],
    ['Platform', document.engine],
    ['Deployment', document.id],
    ['Commit', document.commit],
    ...Object.entries(urlsOf(document.outputs)),
  ].filter(([, value]) => value !== undefined && value !== null && value !== '')
  const why = document.refusal ?? document.error
  return [
    `### ${mark} ${plain(document.workspace)}: ${plain(document.status)}\n`,
    '| | |\n| --- | --- |',
    ...rows.map(([name, value]) => `| ${cell(name)} | ${cell(value)} |`),
    why ? `\n${plain(why.message)} (\`${codeText(why.code)}\`)\n${holders(why.holders)}${hint(why.hint)}` : '',
    '',
  ].join('\n')
}

/** `name=value` lines in the runner's form for values of any text. */
export function outputLines(outputs, delimiter) {
  return Object.entries(outputs)
    .map(([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
    .join('')
}

function urlsOf(value, path = []) {
  if (typeof value === 'string') return /^https?:\/\/[^\s]+$/.test(value) ? { [path.join('.')]: value } : {}
  if (typeof value !== 'object' || value === null) return {}
  return Object.assign(
    {},
    ...Object.entries(value).map(([name, inner]) =>
      urlsOf(inner, name === 'url' && path.length > 0 ? path : [...path, name]),
    ),
  )
}

function holders(list) {
  if (!Array.isArray(list) || list.length === 0) return ''
  return `\nHeld by: ${list.map((it) => plain(it.workspace)).join(', ')}\n`
}

function problems(list) {
  if (!Array.isArray(list)) return ''
  const line = (it) => {
    const place = [it.file, it.line, it.column].filter((part) => part !== undefined).join(':')
    return `- ${plain(place)} ${plain(it.message)}${it.allowed === undefined ? '' : ` (allowed: ${plain(it.allowed)})`}`
  }
  return `\n${list.map(line).join('\n')}\n`
}

function hint(value) {
  return value === undefined || value === null ? '' : `\n> ${plain(value)}\n`
}

function text(value) {
  return value === undefined || value === null ? '' : String(value)
}

function plain(value) {
  return text(value)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~]/g, (it) => `\\${it}`)
}

function cell(value) {
  return /^https?:\/\/[A-Za-z0-9.:_~/-]+$/.test(text(value)) ? `<${value}>` : plain(value)
}

function codeText(value) {
  return text(value).replace(/[^a-z.-]/g, '')
}
