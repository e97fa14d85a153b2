/** WAWebPhoneUtils and WAPhoneFindCC. Country codes: the shortest prefix that is one (ITU E.164). */
const ONE_DIGIT = /^[17]/
const TWO_DIGITS = /^(?:2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/

function findCC(number: string): string {
  const digits = number.replaceAll(/\D/g, '')
  const length = ONE_DIGIT.test(digits) ? 1 : TWO_DIGITS.test(digits) ? 2 : 3
  return digits.slice(0, length)
}

export const WAPhoneFindCC = { findCC }

export const WAWebPhoneUtils = {
  formattedPhoneNumber(jid: string): string {
    const digits = jid.split('@')[0] ?? ''
    const code = findCC(digits)
    return `+${code} ${digits.slice(code.length)}`
  },
}
