import { PulumiCommand } from '@pulumi/pulumi/automation/cmd.js'
import { SemVer } from 'semver'

// Run by install-pulumi.ts as a process of its own: ROOT VERSION.
const [root, version] = process.argv.slice(2)
if (root === undefined || version === undefined) throw new Error('expected ROOT VERSION')
try {
  await PulumiCommand.install({ root, version: new SemVer(version) })
} catch (error) {
  // One line instead of a stack trace: it ends up in the message for people.
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
