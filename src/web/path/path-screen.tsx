export { TargetScreen as PathScreen } from '../target/target-screen.tsx';
