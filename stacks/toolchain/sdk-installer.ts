import { PulumiCommand, type PulumiCommandOptions } from '@pulumi/pulumi/automation/cmd.js'

// Run by install-pulumi.ts as a process of its own: ROOT VERSION.
const [root, version] = process.argv.slice(2)
if (root === undefined || version === undefined) throw new Error('expected ROOT VERSION')
try {
  // A version in text does as well: it is only compared, and put into the installer's command line.
  await PulumiCommand.install({ root, version: version as unknown as NonNullable<PulumiCommandOptions['version']> })
} catch (error) {
  // One line instead of a stack trace: it ends up in the message for people.
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
