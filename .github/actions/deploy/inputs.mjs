// What the step was given, checked before anything is done with it. Nothing here ever meets a shell.

const RULES = {
  engine: [/^([a-z]{3}|auto)?$/, 'a three-letter code, or auto'],
  region: [/^[a-z0-9-]{0,40}$/, 'small letters, digits and "-"'],
  source: [/^(git|folder)$/, 'git or folder'],
  'wait-timeout': [/^[1-9]\d{0,5}$/, 'whole seconds, 1 to 999999'],
  // The path of a file or folder in the checkout: never upwards, never an option.
  target: [
    /^(?!\/)(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9_.][A-Za-z0-9_./ -]{0,199}$/,
    'a path inside the checkout, without ".."',
  ],
}

/**
 * Reads and checks the inputs of the step. Throws one error that names every wrong one.
 *
 * @param {Record<string, string | undefined>} environment as the runner sets it: `INPUT_<NAME>`, `GITHUB_…`
 */
export function readInputs(environment) {
  const input = (name, otherwise = '') => (environment[`INPUT_${name.toUpperCase()}`] || otherwise).trim()
  const wrong = []
  const checked = (name, otherwise) => {
    const value = input(name, otherwise)
    const [pattern, allowed] = RULES[name]
    if (!pattern.test(value)) wrong.push(`${name}: ${JSON.stringify(value)} (allowed: ${allowed})`)
    return value
  }
  const inputs = {
    url: input('url'),
    token: input('token'),
    target: checked('target', '.'),
    engine: checked('engine', ''),
    region: checked('region', ''),
    source: checked('source', 'git'),
    waitTimeout: checked('wait-timeout', '1800'),
  }
  if (!isAddress(inputs.url)) wrong.push('url: (allowed: an https address; http only for 127.0.0.1 and localhost)')
  if (!/^[\x21-\x7e]{8,512}$/.test(inputs.token))
    wrong.push('token: empty or not a token; is the secret set for this repository?')
  if (wrong.length > 0) throw new Error(`These inputs are not valid:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
  return inputs
}

function isAddress(text) {
  if (!URL.canParse(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
}
