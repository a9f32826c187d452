import { InvalidArgumentError } from 'commander'

/** An amount of money as it is typed. */
export function amountOf(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('an amount in USD is wanted, as 5 or 2.50')
  return value
}
