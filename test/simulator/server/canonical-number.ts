/**
 * The spelling under which WhatsApp knows a number of Brazil or Mexico, whichever way it was dialled. Brazil: mobile
 * numbers of the area codes up to 28 keep the extra 9, those above lose it. Mexico: the old mobile prefix 1 stays.
 * Believed from public reports of what number queries answer; the real rule is the server's.
 */
export function canonicalNumber(number: string): string {
  const brazil = /^55([1-9]\d)(9?)([6-9]\d{7})$/.exec(number)
  if (brazil) {
    const [, area = '', , local = ''] = brazil
    return Number(area) <= 28 ? `55${area}9${local}` : `55${area}${local}`
  }
  const mexico = /^521?(\d{10})$/.exec(number)
  return mexico ? `521${mexico[1]}` : number
}
