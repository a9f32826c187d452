import { maskSecrets } from '../../provider/secrets.ts'
import type { Values } from '../../wire/values.ts'

/** What a provider says when it fails may repeat its inputs: the secrets among them are taken out of it. */
export async function masked<T>(inputs: Values, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Error) {
      error.message = maskSecrets(error.message, inputs)
      if ('details' in error && typeof error.details === 'string') error.details = maskSecrets(error.details, inputs)
    }
    throw error
  }
}
