import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import providerProto from '@pulumi/pulumi/proto/provider_pb.js'
import { type Interceptor, openRelay } from '../../stacks/guard/relay.ts'

/**
 * Something that looks like an official plugin from outside: the product's own relay in front of a provider, which answers
 * for its schema. Gives the address that the plugin would say.
 */
export async function pluginInFrontOf(
  provider: string,
  address: string,
  schema: unknown,
): Promise<{ address: string; close(): void }> {
  const getSchema: Interceptor = async () => new providerProto.GetSchemaResponse().setSchema(JSON.stringify(schema))
  const relay = await openRelay({ [provider]: address }, { getSchema }, 0)
  return { address: `127.0.0.1:${relay.debugProviders.split(':').at(-1)}`, close: () => relay.close() }
}

/** An installed plugin in a PULUMI_HOME: a program that says the port of what listens already. */
export async function installPlugin(home: string, name: string, version: string, address: string): Promise<void> {
  const folder = join(home, 'plugins', `resource-${name}-v${version}`)
  await mkdir(folder, { recursive: true })
  // As plugins do, it ends when whoever started it tells it to.
  const program = `#!/bin/sh\necho ${address.split(':').at(-1)}\nexec tail -f /dev/null\n`
  await writeFile(join(folder, `pulumi-resource-${name}`), program, { mode: 0o755 })
}

/** A module with an engine's simulated cloud, changed by an expression over `cloud`. */
export async function changedCloud(folder: string, module: string, change: string): Promise<string> {
  const file = join(folder, 'changed-cloud.mjs')
  await writeFile(file, `import cloud from ${JSON.stringify(module)}\nexport default ${change}\n`)
  return file
}
