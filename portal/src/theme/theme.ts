import { type CSSVariablesResolver, createTheme } from '@mantine/core'

/** Quiet on purpose: one accent, neutral greys, and colour only where it says something. All pairs meet WCAG 2.2 AA. */
export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'auto',
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
  headings: {
    fontWeight: '620',
    sizes: { h1: { fontSize: '1.5rem', lineHeight: '1.3' }, h2: { fontSize: '1.0625rem' } },
  },
  fontSizes: { xs: '0.78rem', sm: '0.875rem', md: '0.9375rem' },
  colors: {
    ink: ['#eef1fb', '#dce1f5', '#b8c3ec', '#a3b2f0', '#8fa1ee', '#6378d8', '#4a5fc8', '#3b4cb8', '#313f9b', '#28347f'],
    dark: [
      '#dfe3ea',
      '#c2c8d3',
      '#a7afbd',
      '#7d8696',
      '#4a5261',
      '#343b48',
      '#252b36',
      '#191d25',
      '#13161d',
      '#0e1116',
    ],
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Table: { defaultProps: { verticalSpacing: 10, horizontalSpacing: 'var(--inset)', borderColor: 'var(--line)' } },
    // Its scroll lock would write a <style> without the nonce.
    Modal: { defaultProps: { lockScroll: false, centered: true }, styles: { title: { fontWeight: 620 } } },
    Drawer: { defaultProps: { lockScroll: false } },
  },
})

/** Mantine's own dimmed and placeholder greys are too pale for text. */
export const colours: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a6372',
    '--mantine-color-placeholder': '#667085',
    '--mantine-color-text': '#171b24',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-default-border': '#d5dae3',
  },
  dark: {
    '--mantine-color-dimmed': '#a7afbd',
    '--mantine-color-placeholder': '#8b94a5',
    '--mantine-color-text': '#e6e9ef',
    '--mantine-color-error': '#ff9a90',
    '--mantine-color-anchor': '#a3b2f0',
    '--mantine-color-default-border': '#343b48',
  },
})
