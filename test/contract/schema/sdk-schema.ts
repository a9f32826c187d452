import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sdkVersion } from '../../../stacks/toolchain/sdk-version.ts'
import { PackageSchema } from './package-schema.ts'

const MODULES = join(import.meta.dirname, '../../../node_modules/@pulumi')

/**
 * What a provider's installed npm SDK says of some types, in the form of its package's schema: the inputs that its
 * classes pass on, those without which they refuse, and the outputs that they mark as secret. It tells neither what
 * replaces nor what lies inside an input (which the compiler checks). Undefined: no SDK of that name is installed.
 */
export function sdkSchema(provider: string, types: readonly string[]): PackageSchema | undefined {
  if (sdkVersion(provider) === undefined) return undefined
  const described = types.flatMap((type) => {
    const text = classOf(provider, type)
    return text === undefined ? [] : [[type, resourceIn(text)] as const]
  })
  return new PackageSchema(JSON.stringify({ name: provider, resources: Object.fromEntries(described) }))
}

/** Source of the class with that token: SDKs name a file after its class, in letters of either size. */
function classOf(provider: string, type: string): string | undefined {
  const module = type.split(':')[1]?.split('/')[0] ?? ''
  const folder = join(MODULES, provider, module === 'index' ? '.' : module)
  const name = type.split(':').at(-1)?.toLowerCase() ?? ''
  const files = readdirSync(folder).filter((file) => file.toLowerCase() === `${name}.js`)
  return files
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .find((text) => text.includes(`__pulumiType = '${type}'`))
}

function resourceIn(text: string): Record<string, unknown> {
  // The first half of a constructor takes a state that is looked up, the second one inputs.
  const made = text.slice(text.indexOf('const args = argsOrState'))
  const names = (pattern: RegExp): string[] => [...made.matchAll(pattern)].map(([, name]) => name ?? '')
  const inputs = names(/resourceInputs\["(\w+)"\] = [^;]*args\??\.(?=\w)/g)
  const outputs = names(/resourceInputs\["(\w+)"\] = /g)
  const secret = [...(/additionalSecretOutputs: \[([^\]]*)\]/.exec(made)?.[1] ?? '').matchAll(/"(\w+)"/g)].map(
    ([, name]) => name,
  )
  return {
    inputProperties: Object.fromEntries(inputs.map((name) => [name, {}])),
    requiredInputs: names(/Missing required property '(\w+)'/g),
    properties: Object.fromEntries(outputs.map((name) => [name, secret.includes(name) ? { secret: true } : {}])),
  }
}
