import type { Json } from '../../../../stacks/contract/sandbox.ts'

/** An item: attributes with their types, as DynamoDB's JSON has them. */
export type Item = Record<string, Json>

/** What an expression stands for: names behind `#`, values behind `:`. */
export interface Given {
  ExpressionAttributeNames?: Record<string, string>
  ExpressionAttributeValues?: Item
}

/** What DynamoDB itself would refuse, or what the sandbox does not know of it. */
export class Invalid extends Error {}

/** `a = :v`, `begins_with(a, :v)`, `attribute_exists(a)`, `attribute_not_exists(a)`, joined by AND. */
export function holds(expression: string, item: Item | undefined, given: Given): boolean {
  return expression.split(/\s+AND\s+/i).every((part) => {
    const [, call, name = '', value] = /^(\w+)\(\s*([#\w]+)\s*(?:,\s*(:\w+)\s*)?\)$/.exec(part.trim()) ?? []
    if (call !== undefined) {
      const found = item?.[nameOf(name, given)]
      if (call === 'attribute_exists') return found !== undefined
      if (call === 'attribute_not_exists') return found === undefined
      if (call === 'begins_with' && value !== undefined)
        return String(found?.S ?? '').startsWith(String(meant(value, given).S)) && found !== undefined
    }
    const [, left = '', sign, right = ''] = /^([#\w]+)\s*(=|<>|<=|>=|<|>)\s*(:\w+)$/.exec(part.trim()) ?? []
    if (sign === undefined) throw new Invalid(`Invalid expression: Syntax error; token: "${part.trim()}"`)
    return compares(sign, item?.[nameOf(left, given)], meant(right, given))
  })
}

/** `SET a = :v, b = b + :n`, `ADD c :n`, `REMOVE d`. */
export function updated(expression: string, item: Item, given: Given): Item {
  const next: Item = { ...item }
  const clauses = expression.split(/\b(SET|ADD|REMOVE)\b/).slice(1)
  if (clauses.length === 0) throw new Invalid(`Invalid UpdateExpression: Syntax error; token: "${expression}"`)
  for (let at = 0; at < clauses.length; at += 2) {
    for (const action of (clauses[at + 1] ?? '').split(',')) perform(clauses[at] ?? '', action.trim(), next, given)
  }
  return next
}

function perform(clause: string, action: string, next: Item, given: Given): void {
  const words = action.split(/\s*([=+\s])\s*/).filter((word) => word.trim() !== '')
  const [target = '', ...rest] = words
  const name = nameOf(target, given)
  if (clause === 'REMOVE' && rest.length === 0) delete next[name]
  else if (clause === 'ADD' && rest.length === 1) next[name] = sum(next[name], meant(rest[0] ?? '', given))
  else if (clause === 'SET' && rest[0] === '=' && rest.length === 2) next[name] = operand(rest[1] ?? '', next, given)
  else if (clause === 'SET' && rest[0] === '=' && rest[2] === '+' && rest.length === 4)
    next[name] = sum(operand(rest[1] ?? '', next, given), operand(rest[3] ?? '', next, given))
  else throw new Invalid(`Invalid UpdateExpression: Syntax error; token: "${action}"`)
}

function operand(word: string, item: Item, given: Given): Json {
  if (word.startsWith(':')) return meant(word, given)
  const found = item[nameOf(word, given)]
  if (found === undefined)
    throw new Invalid('The provided expression refers to an attribute that does not exist in the item')
  return found
}

function sum(left: Json | undefined, right: Json): Json {
  return { N: String(Number(left?.N ?? 0) + Number(right.N)) }
}

function compares(sign: string, left: Json | undefined, right: Json): boolean {
  if (left === undefined) return sign === '<>'
  const [a, b] = 'N' in right ? [Number(left.N), Number(right.N)] : [String(left.S), String(right.S)]
  if (sign === '=' || sign === '<>') return (JSON.stringify(left) === JSON.stringify(right)) === (sign === '=')
  return sign === '<' ? a < b : sign === '<=' ? a <= b : sign === '>' ? a > b : a >= b
}

function nameOf(word: string, { ExpressionAttributeNames: names = {} }: Given): string {
  const name = word.startsWith('#') ? names[word] : word
  if (name === undefined) throw new Invalid(`An expression attribute name used in expression is not defined: ${word}`)
  return name
}

function meant(word: string, { ExpressionAttributeValues: values = {} }: Given): Json {
  const value = values[word]
  if (value === undefined) throw new Invalid(`An expression attribute value used in expression is not defined: ${word}`)
  return value
}
