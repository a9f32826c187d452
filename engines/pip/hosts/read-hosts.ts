import { PipiError } from '../../../catalog/errors.ts'
import { readYaml } from '../../../catalog/read-yaml.ts'
import { hostsFileSchema, type ListedHost } from './schema.ts'

/**
 * The hosts of a `hosts.yaml`, or undefined where there is no such file. Throws `input.invalid` with every problem at
 * once, each with line and column.
 */
export async function readHosts(file: string): Promise<ListedHost[] | undefined> {
  const read = await readYaml(file, hostsFileSchema).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw unreadable(file, error)
    return undefined
  })
  if (read === undefined) return undefined
  if (read.ok) return read.value.hosts
  const [first] = read.problems
  const place = first?.line === undefined ? '' : ` (line ${first.line}, column ${first.column})`
  const more = read.problems.length > 1 ? `, and ${read.problems.length - 1} more` : ''
  throw new PipiError('input.invalid', `${file}: ${first?.message}${place}${more}`, {
    hint: 'correct what the problems name; docs/hosts.md has an example',
    problems: read.problems,
  })
}

function unreadable(file: string, cause: Error): PipiError {
  return new PipiError('input.invalid', `the list of hosts cannot be read: ${cause.message}`, {
    hint: `make ${file} readable for the user who runs the platform, or remove it`,
    cause,
  })
}
