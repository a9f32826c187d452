import type { CloudAccountState } from '../store/cloud-account-state.ts'
import type { Wish } from '../store/proposal.ts'

/** What a wish does, once it holds, in words that an owner can be held to. `now`: as it is without it. */
export function sayWish(wish: Wish, now: CloudAccountState): string {
  const where = `${now.engine} (${now.id})`
  switch (wish.what) {
    case 'budget':
      return `At most ${usd(wish.value.usdPerMonth)} a month may be spent at ${where}, now ${usd(now.budget.limit)}. ${
        wish.value.usdPerMonth === 0
          ? 'Only what is free is granted; what is paid for already runs on until it is destroyed.'
          : 'What passes a free limit is granted when its price, by the catalogue, fits the rest of it; everything else stays refused.'
      }`
    case 'credit':
      return `${usd(wish.value.usd)} of credit at ${where} pays for what passes a free limit, before any budget does. What it pays for must carry an end date (ttl) before ${wish.value.expires}, and its whole cost until then is held.`
    case 'watched':
      return wish.value.agreed
        ? `At ${where} meters that nothing but watching bounds are granted too. Usage is read and the kill switch acts at 95 %; what is used within the reader's delay may cost money, and the plan of each deployment says how much at most.`
        : `At ${where} only what is proven to stay within a free limit is granted; what runs on a watched meter runs on.`
    case 'stale':
      return wish.value.until === null
        ? `At ${where} facts past their date grant nothing.`
        : `At ${where} facts past their date are used until ${wish.value.until}, each time with a warning: the platform may have changed its limits or prices since they were checked.`
    case 'plan':
      return `${where} is on the plan ${wish.value.plan}, now ${now.plan}: its limits and prices hold from then on, what was agreed to for the old plan does not, and the platform is asked whether it is so.`
    case 'switch':
      return wish.value.reopens === 'by-hand'
        ? `Once the kill switch of ${where} has acted, it stays so until somebody opens it.`
        : `Once the kill switch of ${where} has acted, it opens by itself when the periods of what tripped it are over, or when what was only foreseen is known not to have come; what stood still is resumed.`
    case 'on-burn':
      return wish.value.do === 'suspend'
        ? `When a meter of ${where} burns, nothing new is made there and what burns stands still.`
        : `When a meter of ${where} burns, nothing new is made there; what runs goes on burning.`
  }
}

function usd(amount: number): string {
  return `${amount.toFixed(2)} USD`
}
