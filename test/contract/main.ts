import { PipiError } from '../../catalog/errors.ts'
import { parseArguments, USAGE } from './arguments.ts'
import { report, runContract } from './contract.ts'

// What `npm run test:contract -- CODE` runs. Exit code: 0 the same or skipped, 1 different or failed, 2 bad usage.

const say = (line: string) => console.log(line)
const asked = parseArguments(process.argv.slice(2), process.env)

if (typeof asked === 'string') {
  console.error(`${asked}\n\n${USAGE}`)
  process.exitCode = 2
} else {
  try {
    process.exitCode = report(await runContract(asked, process.env, say), asked.code, say)
  } catch (error) {
    const { code, message, hint } = PipiError.from(error)
    console.error(`test:contract: ${message}${hint === undefined ? '' : `\nhint: ${hint}`}`)
    process.exitCode = code === 'not-found' || code === 'input.invalid' ? 2 : 1
  }
}
