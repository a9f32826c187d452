import { randomUUID } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import process from 'node:process'
import { deploy } from './deploy.mjs'
import { readInputs } from './inputs.mjs'
import { outputLines, outputsOf, summaryOf } from './report.mjs'

process.exitCode = await main(process.env)

/** The exit code is the command line's: 0 done, 1 failed, 2 bad input, 3 refused by the lock… */
async function main(environment) {
  let inputs
  try {
    inputs = readInputs(environment)
  } catch (error) {
    annotate(error.message)
    return 2
  }
  // Whatever prints it, the runner shows stars.
  console.log(`::add-mask::${inputs.token}`)
  const { code, document } = await deploy(inputs, environment)
  const outputs = outputsOf(document)
  await append(environment.GITHUB_OUTPUT, outputLines(outputs, `end-${randomUUID()}`))
  await append(environment.GITHUB_STEP_SUMMARY, `${summaryOf(document, code)}\n`)
  if (code !== 0) annotate(why(document, code))
  else console.log(`${document?.workspace} runs on ${outputs.engine}: ${outputs.url}`)
  return code
}

function why(document, code) {
  const reason = document?.refusal ?? document?.error
  return reason?.message ?? `The command ended with ${code}`
}

function annotate(message) {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  console.log(`::error title=Deployment::${escaped}`)
}

async function append(file, text) {
  if (file) await appendFile(file, text)
}
