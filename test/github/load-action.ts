/** The action's scripts are plain JavaScript, so that a runner needs nothing before it runs them: here are their shapes. */
export interface Inputs {
  url: string
  token: string
  target: string
  engine: string
  region: string
  source: string
  waitTimeout: string
}

interface Scripts {
  'inputs.mjs': { readInputs(environment: Record<string, string>): Inputs }
  'deploy.mjs': { argumentsOf(inputs: Inputs, environment: Record<string, string>): string[] }
  'report.mjs': {
    outputsOf(document: object | undefined): Record<string, string>
    summaryOf(document: object | undefined, code: number): string
    outputLines(outputs: Record<string, string>, delimiter: string): string
  }
}

const FOLDER = new URL('../../.github/actions/deploy/', import.meta.url)

export async function loadAction<S extends keyof Scripts>(script: S): Promise<Scripts[S]> {
  return (await import(new URL(script, FOLDER).href)) as Scripts[S]
}
