import theme from 'vitepress/theme';
import './site.css';

// VitePress takes its theme from the default export.
export default theme;
