import { safeFileName } from '@wsg/shared/media/safe-file-name.ts'
import { expect, test } from 'vitest'

test.each([
  ['Número 1 — año.docx', 'docx', 'Número 1 — año.docx'],
  ['отчёт.pdf', 'pdf', 'отчёт.pdf'],
  ['a/b\\c.pdf', 'pdf', 'c.pdf'],
  ['../../etc/passwd', '', 'passwd'],
  ['x', 'pdf', 'x.pdf'],
  ['', 'png', 'file.png'],
  ['..', '', 'file'],
  ['.pdf', 'pdf', 'pdf.pdf'],
  ['a\u0000b\n.txt', '', 'ab.txt'],
  ['invoice\u202efdp.exe', 'exe', 'invoicefdp.exe'],
  ['half \ud83d.txt', '', 'half \ufffd.txt'],
  ['report. ', 'pdf', 'report.pdf'],
])('%j arrives under a name that can do no harm', (given, extension, name) => {
  expect(safeFileName(given, extension)).toBe(name)
})

test('a long name keeps its ending, and is cut between characters', () => {
  const name = safeFileName(`${'😀'.repeat(300)}.pdf`, 'pdf')
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240)
  expect(name).toMatch(/^😀+\.pdf$/u)
})
