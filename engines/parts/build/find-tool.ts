import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { PipiError } from '../../../catalog/errors.ts'

const INSTALL: Record<string, string> = {
  npm: 'npm comes with Node.js: install it from nodejs.org or your system (apt install npm).',
  mvn: 'Install Maven (apt install maven), or bring ./mvnw along in the source.',
  java: 'Install a Java runtime (apt install default-jdk-headless).',
  javac: 'Install a JDK, a runtime alone compiles nothing (apt install default-jdk-headless).',
}

/** The file that a command is. Throws `build.failed` saying what is to be installed on this host. */
export async function findTool(name: string, path: string): Promise<string> {
  for (const folder of path.split(':').filter((each) => each !== '')) {
    const file = join(folder, name)
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file
  }
  throw new PipiError('build.failed', `This host has no ${name}, and the build needs it`, {
    hint: `${INSTALL[name] ?? `Install ${name}.`} It is looked for in ${path}.`,
  })
}
