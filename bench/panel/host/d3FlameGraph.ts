import { d3TreeOf } from './d3Tree';
import { drive } from './drive';
import { SvgFlameGraph } from './svgFlameGraph';

drive(new SvgFlameGraph({ whole: d3TreeOf }));
