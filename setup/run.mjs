// `node setup/run.mjs VERB ARGS…` runs the command line, `node setup/run.mjs --script FILE ARGS…` a TypeScript file of
// the checkout; both after making sure of what they need. Runs on Node 20 without any dependency.
import { dirname, join, resolve } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const OLDEST = 20
const major = Number(process.versions.node.split('.')[0])

if (major < OLDEST) {
  console.error(
    `pipi: expected Node.js ${OLDEST} or newer, got ${process.version} (${process.execPath})\n` +
      'hint: install a newer one, see https://nodejs.org/en/download',
  )
  process.exitCode = 1
} else {
  const { prepare } = await import('./prepare.mjs')
  const { runNode } = await import('./run-node.mjs')
  const { SetupError } = await import('./error.mjs')
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
  const args = process.argv.slice(2)
  const command =
    args[0] === '--script'
      ? [resolve(root, args[1] ?? ''), ...args.slice(2)]
      : [join(root, 'platform/cli/main.ts'), ...args]
  try {
    process.exitCode = await runNode(await prepare(root), command)
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    console.error(`pipi: ${error.message}\nhint: ${error.hint}`)
    process.exitCode = 1
  }
}
