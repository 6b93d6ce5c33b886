import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/** Modules of white around a code, as ISO/IEC 18004 asks for. */
const QUIET = 4

/** A text as a QR code; the encoder is fetched when the first one is shown. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const code = useSignal<{ path: string; size: number } | null>(null)
  useEffect(() => {
    void import('qrcode-generator').then(({ default: qrcode }) => {
      const qr = qrcode(0, 'M')
      qr.addData(text)
      qr.make()
      code.value = draw(qr.getModuleCount(), (row, column) => qr.isDark(row, column))
    })
  }, [text])
  if (!code.value) return null
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${code.value.size} ${code.value.size}`} shape-rendering="crispEdges">
      <path d={`M0 0h${code.value.size}v${code.value.size}H0z`} fill="#fff" />
      <path d={code.value.path} fill="#000" />
    </svg>
  )
}

function draw(count: number, isDark: (row: number, column: number) => boolean): { path: string; size: number } {
  const modules = Array.from({ length: count * count }, (_, i) => [Math.floor(i / count), i % count] as const)
  const path = modules.filter(([row, column]) => isDark(row, column)).map(([row, column]) => `M${column + QUIET} ${row + QUIET}h1v1h-1z`).join('')
  return { path, size: count + 2 * QUIET }
}
